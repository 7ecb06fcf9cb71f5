"""What a release is made of: what is pinned, under which licences, and the list of it that goes with the archives."""
