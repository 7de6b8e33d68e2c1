-- A token is for one room, or for "*": whoever logged in with one enters no other room.
local jid = require "prosody.util.jid";
local rules = module:require "token_rules";

local main = module.host:match("%.(.+)$");
local verifies = module:context(main):get_option_boolean("enable_domain_verification", false);

module:hook("muc-occupant-pre-join", function(event)
	local session, stanza = event.origin, event.stanza;
	local claim = session and session.jitsi_meet_room;
	if claim == nil then
		return nil;
	end
	local room = jid.node(event.room.jid);
	if not rules.may_enter(room, claim, session.jitsi_meet_domain, verifies and main or nil) then
		module:log("warn", "token for room %s refused in %s", claim, room);
		session.send(require "prosody.util.stanza".error_reply(stanza, "cancel", "not-allowed",
			"Room and token mismatched"));
		return true;
	end
	return nil;
end, 99);
