"""Settings: the catalogue, the reader of jitsi.conf, and what makes a set of settings valid. Pure."""
