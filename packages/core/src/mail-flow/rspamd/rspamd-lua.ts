import type { HostSettings } from "../host-settings.ts";
import { stackPaths } from "../stack-paths.ts";

/** The symbol of a message that its sender's hourly limit holds back. */
export const rateLimitSymbol = "MAILSTEAD_RATE_LIMITED";

/**
 * Rules of ours that Rspamd's settings cannot say: which keys sign a message, that a signed-in person writes in the
 * name of the domain whose address Postfix has found to be theirs, and that the postmaster of a domain hears, once an
 * hour, of a mailbox that has reached its limit.
 */
export function rspamdLua(settings: HostSettings): string {
  return `-- Written by Mailstead. Changes made here are drift; use the overrides of the server instead.
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
${rateLimitNotice(settings)}`;
}

/**
 * A mailbox that suddenly sends much is most likely one whose password a stranger has. The notice comes from nobody, so
 * that it can never be answered by a bounce, and goes through Postfix like any other mail of the host.
 */
function rateLimitNotice({ hostname, stack, loopback }: HostSettings): string {
  return `
local lua_redis = require "lua_redis"
local lua_smtp = require "lua_smtp"
local rspamd_logger = require "rspamd_logger"
local rspamd_util = require "rspamd_util"
local redis_params

rspamd_config:add_post_init(function()
  redis_params = lua_redis.parse_redis_server("mailstead")
end)

local function tell_postmaster(task, user, domain)
  local to = "postmaster@" .. domain
  local lines = {
    "Date: " .. rspamd_util.time_to_string(rspamd_util.get_time()),
    "Message-ID: <" .. rspamd_util.random_hex(32) .. "@${hostname}>",
    "From: Mail system <postmaster@${hostname}>",
    "To: <" .. to .. ">",
    "Subject: " .. user .. " has reached its limit of messages",
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "The mailbox " .. user .. " has sent ${stack.sendsPerMailboxPerHourMax} messages within an hour, which is",
    "as many as a mailbox of ${hostname} may send.",
    "Its further messages are deferred until the hour has passed. Other mailboxes go on.",
    "",
    "If nobody there sends so much, a stranger most likely knows its password: change it.",
    "If it is meant, raise the limit in the settings of the server.",
    "You are told of one mailbox once an hour.",
  }
  lua_smtp.sendmail({
    task = task,
    host = "${loopback.bare}",
    port = 25,
    from = "",
    recipients = to,
    helo = "mailstead.${hostname}",
    timeout = 5.0,
  }, table.concat(lines, "\\r\\n"), function(is_sent, problem)
    if not is_sent then
      rspamd_logger.warnx(task, "the postmaster could not be told of the limit of %s: %s", user, problem)
    end
  end)
end

rspamd_config:register_symbol({
  name = "MAILSTEAD_TELL_RATE_LIMIT",
  type = "idempotent",
  -- The limit ends the judgement of a message early, and this is to run nevertheless.
  flags = "ignore_passthrough",
  callback = function(task)
    local user = task:get_user()
    if not user or not redis_params or not task:has_symbol("${rateLimitSymbol}") then
      return
    end
    user = user:lower()
    local domain = user:match("^[^%s@]+@([a-z0-9.-]+)$")
    if not domain then
      return
    end
    lua_redis.redis_make_request(task, redis_params, user, true, function(_, answer)
      if answer == "OK" then
        tell_postmaster(task, user, domain)
      end
    end, "SET", { "mailstead_rate_told_" .. user, "1", "NX", "EX", "3600" })
  end,
})
`;
}
