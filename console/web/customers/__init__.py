"""What customers' own pages are kept safe by: codes, links of the shop, how often each may be asked for. Shows no page."""
