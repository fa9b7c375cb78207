-- Enrolling another machine as a server forgets what the machine before it held, the request to install it included.
grant update (install_requested_at) on servers to mailstead_system;
