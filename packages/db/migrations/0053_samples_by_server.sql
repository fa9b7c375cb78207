-- The newest reply of a kind that a server got, and of a kind that a domain got, without reading all others.
create index reply_samples_newest on reply_samples (server_id, provider, category, said_at desc);
