-- Stands for jitsi's module of this name, by whose lobby a room is shut: who is not let in waits at its door, and the
-- room stays while nobody is in it. Another module asks for it by an event.
module:hook_global("create-persistent-lobby-room", function(event)
	event.room:set_members_only(true);
	event.room:set_persistent(true);
end);
