-- An alert that was given up is sent again when a person says so, under the same id.

grant update (due_at, failed_at) on alerts to mailstead_app;
