"""Google of the sandbox: Analytics' user deletions, Ads' user lists by the Data Manager, and the login to both."""
