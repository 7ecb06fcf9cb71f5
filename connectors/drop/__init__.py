"""The channel `drop`: files with orders, put into a folder of the party's or on its SFTP server, and its answers read there."""
