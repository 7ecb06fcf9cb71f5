"""The connectors of vendors that have interfaces of their own, one module or folder a vendor. None of them knows another."""
