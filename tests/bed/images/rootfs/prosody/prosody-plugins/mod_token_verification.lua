-- A token is for one room, or for "*": whoever logged in with one enters no other room.
local jid = require "prosody.util.jid";

module:hook("muc-occupant-pre-join", function(event)
	local session, stanza = event.origin, event.stanza;
	local claim = session and session.jitsi_meet_room;
	if claim == nil or claim == "*" then
		return nil;
	end
	local room = jid.node(event.room.jid);
	if room ~= claim:lower() then
		module:log("warn", "token for room %s refused in %s", claim, room);
		session.send(require "prosody.util.stanza".error_reply(stanza, "cancel", "not-allowed",
			"Room and token mismatched"));
		return true;
	end
	return nil;
end, 99);
