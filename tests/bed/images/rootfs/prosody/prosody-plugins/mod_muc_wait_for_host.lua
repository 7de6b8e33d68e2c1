-- Stands for jitsi's module of this name: nobody enters a room before somebody who logged in has, by a token or an
-- account. Until then the room is shut by persistent_lobby, without which everybody gets in.
local jid = require "prosody.util.jid";

local main = module.host:match("%.(.+)$");

module:hook("muc-occupant-pre-join", function(event)
	local room, occupant = event.room, event.occupant;
	for _, other in room:each_occupant() do
		if jid.host(other.bare_jid) == main then
			return nil;
		end
	end
	if jid.host(occupant.bare_jid) == main then
		room:set_members_only(false);
		room:set_persistent(false);
		-- It had none, as long as the room was shut.
		occupant.role = room:get_default_role(room:get_affiliation(occupant.bare_jid)) or "participant";
		return nil;
	end
	-- Upstream's jicofo makes the rooms; the bed's makes none, so that whoever comes first would own one.
	room:set_affiliation(true, occupant.bare_jid, "none");
	if not room:get_members_only() then
		prosody.events.fire_event("create-persistent-lobby-room", { room = room });
	end
	return nil;
end);
