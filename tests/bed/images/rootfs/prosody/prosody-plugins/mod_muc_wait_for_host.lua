-- Stands for jitsi's module of this name: nobody enters a room before somebody who logged in has, by a token or an
-- account. Until then the room is shut by persistent_lobby, without which everybody gets in.
local jid = require "prosody.util.jid";

local main = module.host:match("%.(.+)$");

module:hook("muc-occupant-pre-join", function(event)
	local room, occupant = event.room, event.occupant;
	if room.has_host then
		return nil;
	end
	if jid.host(occupant.bare_jid) == main then
		room.has_host = true;
		room:set_members_only(false);
		room:set_persistent(false);
		-- It had none, as long as the room was shut.
		occupant.role = room:get_default_role(room:get_affiliation(occupant.bare_jid)) or "participant";
	elseif not room:get_members_only() then
		prosody.events.fire_event("create-persistent-lobby-room", { room = room });
	end
	return nil;
end);
