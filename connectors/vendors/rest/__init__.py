"""The channel `rest`: a party with an ordinary REST interface is told as its descriptor says, without a line of code.

`shapes` is what a descriptor may say, `templates` how values get into a call, `addresses` how a new address is read,
`units` which calls an order comes to, `progress` what has come of them, `login` and `connector` make them.
"""
