-- GET /health on the HTTP port, from this machine only: upstream's answers, 403 for anybody else.
module:set_global();

local modulemanager = require "prosody.core.modulemanager";
local permitted = module:get_option_set("http_health_allow_ips", { "127.0.0.1"; "::1" });

local function broken_module()
	for host in pairs(prosody.hosts) do
		for name, loaded in pairs(modulemanager.get_modules(host)) do
			if loaded.module.status_type == "error" then
				return name;
			end
		end
	end
end

module:provides("http", {
	route = {
		GET = function(event)
			if not permitted:contains(event.request.ip) then
				return 403;
			end
			if broken_module() then
				return { status_code = 500; headers = { content_type = "text/plain" }; body = "HAS ERRORS\n" };
			end
			return { status_code = 200; headers = { content_type = "text/plain" }; body = "OK\n" };
		end;
	};
});
