import type { HostSettings } from "../host-settings.ts";
import { stackPaths } from "../stack-paths.ts";

/**
 * Refuses mail from outside in the name of a domain of this server that does not prove it. Receivers trust what this
 * server sends for these domains, and would trust a forgery as well once an alias or a script has passed it on. The
 * domain of the server's own name counts too, because what is forwarded carries an envelope sender below it (SRS).
 */
export function forgedOursLua({ hostname }: HostSettings): string {
  return `
local rspamd_util = require "rspamd_util"
local hosted_domains =
  lua_maps.map_add_from_ucl("${stackPaths.rspamdMaps}/hosted-domains.map", "set", "Mailstead: domains of this server")
local own_domain

-- True for a hosted domain and what is below it, and for the organisation of the host's own name.
local function is_of_this_server(domain)
  if not domain then
    return false
  end
  -- The list of public suffixes is not there yet while this file is read.
  own_domain = own_domain or rspamd_util.get_tld("${hostname}")
  if rspamd_util.get_tld(domain) == own_domain then
    return true
  end
  local name = domain
  while name do
    if hosted_domains and hosted_domains:get_key(name) then
      return true
    end
    name = name:match("^[^.]+%.(.+)$")
  end
  return false
end

-- RFC 7489 section 3.1.1, relaxed: where a domain has no policy yet, Rspamd does not compare these itself.
local function has_aligned_signature(task)
  local author = domain_of(task:get_from("mime"))
  for _, symbol in ipairs(author and task:get_symbol("R_DKIM_ALLOW") or {}) do
    for _, option in ipairs(symbol.options or {}) do
      local signer = option:match("^([^:%s]+)")
      if signer and rspamd_util.get_tld(signer:lower()) == rspamd_util.get_tld(author) then
        return true
      end
    end
  end
  return false
end

local function is_unproven(task)
  if task:has_symbol("DMARC_POLICY_ALLOW") or has_aligned_signature(task) then
    return false
  end
  local policy_fails = task:has_symbol("DMARC_POLICY_QUARANTINE") or task:has_symbol("DMARC_POLICY_REJECT")
  if policy_fails and is_of_this_server(domain_of(task:get_from("mime"))) then
    return true
  end
  return task:has_symbol("R_SPF_FAIL") and is_of_this_server(domain_of(task:get_from("smtp")))
end

rspamd_config:register_symbol({
  name = "MAILSTEAD_FORGED_OURS",
  type = "postfilter",
  callback = function(task)
    if not is_ours(task) and is_unproven(task) then
      task:insert_result("MAILSTEAD_FORGED_OURS", 0.0)
      task:set_pre_result("reject", "Mail in the name of a domain of this server is sent by it, or proven by SPF or DKIM")
    end
  end,
})
`;
}
