"""Meta of the sandbox: custom audiences of the Graph API, alone and in batches. One vendor, and nothing of the framework."""
