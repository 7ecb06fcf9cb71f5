"""OpenDSR 2.0 (`specification.md` of opengdpr/OpenDSR) both ways: telling a party that speaks it, and answering one that asks us.

What the text leaves open or says twice is decided so: signatures are RSA PKCS#1 v1.5 over SHA-256 of the raw body (FIPS
186-4 allows it), and stand in the header, not in the body they sign; a message that is not signed rightly gets 403;
`encoded_request` is compared and thrown away. The names from before 2.0 (OpenGDPR) are not spoken.
"""
