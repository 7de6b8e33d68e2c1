-- Logins by an HS256 JSON web token in the URL of BOSH or the websocket (?token=...), as jitsi's module of this
-- name takes them: SASL ANONYMOUS, checked by token_rules.lib.lua, empty tokens only with allow_empty_token.
local rules = module:require "token_rules";
local sasl = require "prosody.util.sasl";
local random_name = require "prosody.util.id".medium;
local query = require "prosody.util.http".formdecode;

local host = module.host;
local app_id = module:get_option_string("app_id");
local secret = module:get_option_string("app_secret");
local allow_empty = module:get_option_boolean("allow_empty_token", false);
local issuers = module:get_option_array("asap_accepted_issuers", { app_id });
local audiences = module:get_option_array("asap_accepted_audiences", { "*" });

local function remember_token(event)
	local text = event.request.url.query;
	local fields = text and query(text);
	if type(fields) == "table" then
		event.session.auth_token = fields.token;
	end
end

module:hook_global("bosh-session", remember_token);
module:hook_global("websocket-session", remember_token);

local function verify(session)
	local token = session.auth_token;
	if not token or token == "" then
		return allow_empty;
	end
	if not secret then
		module:log("warn", "token refused: there is no app_secret, and the bed has no key server");
		return false;
	end
	local claims, why = rules.verify(token, secret, issuers, audiences, os.time());
	if not claims then
		module:log("warn", "token refused: %s", why);
		return false;
	end
	session.jitsi_meet_room = claims.room;
	session.jitsi_meet_domain = claims.sub;
	session.jitsi_meet_context_user = claims.context and claims.context.user;
	return true;
end

-- Prosody's own ANONYMOUS asks for another random name, for ever, where this one has to refuse.
sasl.registerMechanism("ANONYMOUS", { "anonymous" }, function(self)
	local username = random_name():lower();
	if not self.profile.anonymous(self, username, self.realm) then
		return "failure", "not-authorized", "token required";
	end
	self.username = username;
	return "success";
end);

local provider = {};

local function no_accounts()
	return nil, "accounts are not kept here: logins are by token";
end

provider.test_password = no_accounts;
provider.get_password = no_accounts;
provider.set_password = no_accounts;
provider.create_user = no_accounts;
provider.delete_user = no_accounts;

function provider.user_exists()
	return nil;
end

function provider.get_sasl_handler(session)
	return sasl.new(host, {
		anonymous = function()
			return verify(session);
		end;
	});
end

module:provides("auth", provider);
