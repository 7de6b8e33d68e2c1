"""Writing the first jitsi.conf: what can be detected, the text, and the firewall lines that go with it."""
