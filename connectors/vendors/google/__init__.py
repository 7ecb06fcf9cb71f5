"""Google: user deletions of Analytics, and audiences of Ads by the Data Manager. One way to sign in, two parties."""
