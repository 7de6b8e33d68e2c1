-- What jitsi's Prosody demands of a token by a shared secret, written for the bed: form, typ, alg, signature, exp and
-- nbf without leeway, iss, aud, room and sub. A list is no name, and a claim of null is as good as none.
local base64 = require "prosody.util.encodings".base64;
local hmac = require "prosody.util.hashes".hmac_sha256;
local json = require "prosody.util.json";

local rules = {};

local function decoded(part)
	if part:find("[^%w_-]") or #part % 4 == 1 then
		return nil;
	end
	return base64.decode((part:gsub("-", "+"):gsub("_", "/"))..("="):rep(-#part % 4));
end

local function object(part)
	local text = decoded(part);
	local value = text and json.decode(text);
	return type(value) == "table" and value ~= json.null and value or nil;
end

local function is_one_of(value, accepted)
	for _, name in ipairs(accepted) do
		if name == "*" or name == value then
			return true;
		end
	end
	return false;
end

local function absent(value)
	return value == nil or value == json.null;
end

-- The claims, or nil and why not. now is in whole seconds.
function rules.verify(token, secret, issuers, audiences, now)
	local header_part, payload_part, mark = token:match("^([^.]*)%.([^.]*)%.([^.]*)$");
	if not header_part then
		return nil, "not three parts";
	end
	local header, claims = object(header_part), object(payload_part);
	if not header or not claims then
		return nil, "header or payload is no object";
	end
	if header.typ ~= "JWT" or header.alg ~= "HS256" then
		return nil, "typ or alg";
	end
	if decoded(mark) ~= hmac(secret, header_part.."."..payload_part) then
		return nil, "signature";
	end
	for _, name in ipairs({ "exp", "nbf" }) do
		if claims[name] and type(claims[name]) ~= "number" then
			return nil, name.." is no number";
		end
	end
	if claims.exp and now >= claims.exp or claims.nbf and now < claims.nbf then
		return nil, "exp or nbf";
	end
	if absent(claims.iss) or not is_one_of(claims.iss, issuers) then
		return nil, "iss";
	end
	if absent(claims.aud) or not is_one_of(claims.aud, audiences) then
		return nil, "aud";
	end
	if type(claims.room) ~= "string" or absent(claims.sub) then
		return nil, "room or sub";
	end
	return claims;
end

-- Whether a room, by its node, may be entered with these claims; domain is nil unless sub is to be verified.
function rules.may_enter(node, room, sub, domain)
	local tenant, name = node:match("^%[([^%]]+)%](.+)$");
	local wanted = room:lower();
	if wanted ~= "*" and wanted ~= node and wanted ~= name then
		return false;
	end
	return domain == nil or sub == "*" or sub == (tenant or domain);
end

return rules;
