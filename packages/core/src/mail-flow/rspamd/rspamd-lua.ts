import type { HostSettings } from "../host-settings.ts";
import { scriptHeader, stackPaths } from "../stack-paths.ts";
import { dkimKeyMapPath } from "./dkim-key-map.ts";
import { feedbackIdLua } from "./feedback-id-lua.ts";
import { forgedOursLua } from "./forged-ours-lua.ts";
import { rateLimitLua } from "./rate-limit-lua.ts";
import { reportsLua } from "./reports-lua.ts";
import { verdictsLua } from "./verdicts-lua.ts";

/**
 * Rules of ours that Rspamd's settings cannot say: which keys sign a message; that a person who is signed in, or a
 * mailbox's script, writes as an address that is theirs; that strangers do not write as ours; how many recipients a
 * mailbox and a domain reach in an hour; and what was decided, for the agent to count.
 */
export function rspamdLua(settings: HostSettings): string {
  // No hosted name holds a plus, so what follows one is a detail; a hyphen may be part of somebody else's name.
  const withoutDetail = settings.stack.recipientDelimiter === "+" ? ':gsub("%+.*$", "")' : "";
  return `-- Written by Mailstead. Changes made here are drift; use the overrides of the server instead.
local lua_maps = require "lua_maps"

local selectors_of_domain =
  lua_maps.map_add_from_ucl("${dkimKeyMapPath}", "map", "Mailstead: DKIM selectors of each domain")

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

-- The addresses that a mailbox may write as, when its sieve script sends this message: an answer, or a notice. Nothing
-- for any other mail. Only mail that starts on this host is asked, so that nobody outside can pretend.
local function script_addresses(task)
  local headers = not task:get_user() and is_ours(task) and task:get_header_full("${scriptHeader}")
  if not headers or #headers == 0 then
    return
  end
  local addresses = { ["postmaster@${settings.hostname}"] = true }
  for _, header in ipairs(headers) do
    addresses[header.value:lower():gsub("^%s+", ""):gsub("%s+$", "")] = true
  end
  return addresses
end

-- What a script passes on is somebody else's letter, whatever its From says.
local function is_redirected(task)
  return task:has_header("X-Sieve-Redirected-From")
end

-- RFC 8463: one signature of each algorithm, so that receivers without Ed25519 verify the other one.
local function dkim_keys(task)
  local header_from = task:get_from("mime")
  if not is_ours(task) or not header_from or #header_from ~= 1 then
    return false
  end
  if script_addresses(task) and is_redirected(task) then
    return false
  end
  local domain = domain_of(header_from)
  local selectors = domain and selectors_of_domain and selectors_of_domain:get_key(domain)
  if not selectors then
    return false
  end
  local keys = {}
  for entry in selectors:gmatch("[^,]+") do
    local selector, key = entry:match("^([^:]+):?(.*)$")
    keys[#keys + 1] = {
      domain = domain,
      selector = selector,
      key = "${stackPaths.dkimKeys}/" .. domain .. "." .. (#key > 0 and key or selector) .. ".key",
    }
  end
  return keys
end

rspamd_plugins["mailstead"] = { dkim_keys = dkim_keys }

-- An address as its owner is looked up by: in lower case, and without the detail that anyone may add to theirs.
local function plain(address)
  local name = address.user:lower()${withoutDetail}
  return name .. "@" .. address.domain:lower()
end

-- Says why a signed-in person may not send with this From, or nothing.
local function from_problem(task, user)
  local headers = task:get_header_full("From")
  if not headers or #headers == 0 then
    return
  end
  local authors = task:get_from("mime")
  if #headers > 1 or not authors or #authors == 0 then
    return "A message has one From header with an address"
  end
  -- Postfix has found the envelope sender to be one that this person may use.
  local envelope = (task:get_from("smtp") or {})[1]
  local sender = envelope and envelope.domain and #envelope.domain > 0 and plain(envelope)
  for _, author in ipairs(authors) do
    if not author.domain or #author.domain == 0 or not author.user or #author.user == 0 then
      return "A message has one From header with an address"
    end
    local name = plain(author)
    if name ~= sender and name ~= user:lower() then
      return "The From address is neither the one that you signed in with nor the envelope sender"
    end
  end
end

-- The same of the sieve script of a mailbox, which may say any From in an answer or a notice.
local function script_from_problem(task, addresses)
  if is_redirected(task) then
    return
  end
  for _, author in ipairs(task:get_from("mime") or {}) do
    if not author.domain or not author.user or not addresses[plain(author)] then
      return "A script writes in a From address of its own mailbox only"
    end
  end
end

rspamd_config:register_symbol({
  name = "MAILSTEAD_FORGED_FROM",
  type = "prefilter",
  priority = 10,
  callback = function(task)
    local user = task:get_user()
    local addresses = script_addresses(task)
    local problem = user and from_problem(task, user) or addresses and script_from_problem(task, addresses)
    if addresses then
      task:set_milter_reply({ remove_headers = { ["${scriptHeader}"] = 0 } })
    end
    if problem then
      task:insert_result("MAILSTEAD_FORGED_FROM", 0.0)
      task:set_pre_result("reject", problem)
    end
  end,
})
${reportsLua(settings)}${feedbackIdLua(settings)}${forgedOursLua(settings)}${rateLimitLua(settings)}${verdictsLua(settings)}`;
}
