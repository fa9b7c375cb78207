-- Once a host has come to a new epoch of its mail directory, nobody reads the log of the old one again.
grant delete on directory_changes to mailstead_system;
