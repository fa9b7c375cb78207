import { stackPaths } from "../stack-paths.ts";

/**
 * Rules of ours that Rspamd's settings cannot say: which keys sign a message, and that a signed-in person writes in
 * the name of the domain whose address Postfix has found to be theirs.
 */
export const rspamdLua = `-- Written by Mailstead. Changes made here are drift; use the overrides of the server instead.
local lua_maps = require "lua_maps"

local selectors_of_domain =
  lua_maps.map_add_from_ucl("${stackPaths.rspamdMaps}/dkim-keys.map", "map", "Mailstead: DKIM selectors of each domain")

local function domain_of(addresses)
  local first = addresses and addresses[1]
  if first and first.domain and #first.domain > 0 then
    return first.domain:lower()
  end
end

local function is_ours(task)
  if task:get_user() then
    return true
  end
  local ip = task:get_from_ip()
  return ip ~= nil and ip:is_valid() and ip:is_local()
end

-- RFC 8463: one signature of each algorithm, so that receivers without Ed25519 verify the other one.
local function dkim_keys(task)
  local header_from = task:get_from("mime")
  if not is_ours(task) or not header_from or #header_from ~= 1 then
    return false
  end
  local domain = domain_of(header_from)
  local selectors = domain and selectors_of_domain and selectors_of_domain:get_key(domain)
  if not selectors then
    return false
  end
  local keys = {}
  for selector in selectors:gmatch("[^,]+") do
    keys[#keys + 1] = {
      domain = domain,
      selector = selector,
      key = "${stackPaths.dkimKeys}/" .. domain .. "." .. selector .. ".key",
    }
  end
  return keys
end

rspamd_plugins["mailstead"] = { dkim_keys = dkim_keys }

rspamd_config:register_symbol({
  name = "MAILSTEAD_FORGED_FROM",
  type = "prefilter",
  priority = 10,
  callback = function(task)
    local user = task:get_user()
    local header_from = task:get_from("mime")
    if not user or not header_from then
      return
    end
    local owned = domain_of(task:get_from("smtp")) or user:lower():match("@(.+)$")
    for _, address in ipairs(header_from) do
      if address.domain and #address.domain > 0 and address.domain:lower() ~= owned then
        task:insert_result("MAILSTEAD_FORGED_FROM", 0.0, address.domain)
        task:set_pre_result("reject", "The From address is not in the domain of the envelope sender")
        return
      end
    end
  end,
})
`;
