import type { HostSettings } from "../host-settings.ts";

// Counted in Redis by the minute, in one step, so that what was counted more than an hour ago is forgotten for sure
// and two messages at once cannot both take the last place. The keys are the mailbox and its domain.
const countScript = `
local minute, recipients = tonumber(ARGV[1]), tonumber(ARGV[2])
for index, key in ipairs(KEYS) do
  local counted = redis.call("HGETALL", key)
  local total = recipients
  for field = 1, #counted, 2 do
    if tonumber(counted[field]) < minute - 60 then
      redis.call("HDEL", key, counted[field])
    else
      total = total + tonumber(counted[field + 1])
    end
  end
  if total > tonumber(ARGV[2 + index]) then
    return index
  end
end
for _, key in ipairs(KEYS) do
  redis.call("HINCRBY", key, minute, recipients)
  redis.call("EXPIRE", key, 3720)
end
return 0`;

/**
 * How many recipients a mailbox, and all mailboxes of a domain together, may write to in any hour. Rspamd's own
 * limit is a bucket that lets twice as many through in the first hour, takes a first message of any size, and in some
 * versions does not drain. The postmaster of the domain hears of a limit that was reached, once an hour, because
 * whoever suddenly sends much is most likely somebody whose password a stranger has. That notice comes from nobody, so
 * that it can never be answered by a bounce, and goes through Postfix like any other mail of the host.
 */
export function rateLimitLua({ hostname, stack, loopback }: HostSettings): string {
  const limits = [
    { who: "mailbox", recipientsMax: stack.sendsPerMailboxPerHourMax },
    { who: "domain", recipientsMax: stack.sendsPerDomainPerHourMax },
  ].filter(({ recipientsMax }) => recipientsMax > 0);
  if (limits.length === 0) return "";
  return `
local lua_redis = require "lua_redis"
local lua_smtp = require "lua_smtp"
local rspamd_logger = require "rspamd_logger"
local rspamd_util = require "rspamd_util"
local redis_params

rspamd_config:add_post_init(function()
  redis_params = lua_redis.parse_redis_server("mailstead")
end)

local limits = {
${limits.map(({ who, recipientsMax }) => `  { who = "${who}", recipients = ${recipientsMax} },\n`).join("")}}
local count_recipients = [[${countScript}]]

-- Whose limits hold for a message: { mailbox = "ann@alpha.example", domain = "alpha.example" }, or nothing.
local function limited(task)
  local user = task:get_user()
  local mailbox = user and user:lower()
  local domain = mailbox and mailbox:match("^[^%s@]+@([a-z0-9.-]+)$")
  if domain and redis_params then
    return { mailbox = mailbox, domain = domain }
  end
end

rspamd_config:register_symbol({
  name = "MAILSTEAD_RATE_LIMITED",
  type = "prefilter",
  priority = 5,
  callback = function(task)
    local names = limited(task)
    if not names then
      return
    end
    local recipients = math.max(#(task:get_recipients("smtp") or {}), 1)
    local arguments = { count_recipients, tostring(#limits) }
    for _, limit in ipairs(limits) do
      if recipients > limit.recipients then
        task:set_pre_result("reject", "A message may have at most " .. limit.recipients .. " recipients here")
        return
      end
      arguments[#arguments + 1] = "mailstead_sent_" .. limit.who .. "_" .. names[limit.who]
    end
    arguments[#arguments + 1] = tostring(math.floor(rspamd_util.get_time() / 60))
    arguments[#arguments + 1] = tostring(recipients)
    for _, limit in ipairs(limits) do
      arguments[#arguments + 1] = tostring(limit.recipients)
    end
    lua_redis.redis_make_request(task, redis_params, names.mailbox, true, function(problem, reached)
      local limit = limits[tonumber(reached)]
      if problem then
        rspamd_logger.errx(task, "the recipients of %s could not be counted: %s", names.mailbox, problem)
      elseif limit then
        task:insert_result("MAILSTEAD_RATE_LIMITED", 0.0, limit.who)
        task:set_pre_result("soft reject", "This " .. limit.who .. " has reached its recipients per hour; try again later")
      end
    end, "EVAL", arguments)
  end,
})

local function tell_postmaster(task, names, limit)
  local name = names[limit.who]
  local to = "postmaster@" .. names.domain
  local whose = limit.who == "mailbox" and "The mailbox " .. name .. " has"
    or "The mailboxes of " .. name .. " together have"
  local lines = {
    "Date: " .. rspamd_util.time_to_string(rspamd_util.get_time()),
    "Message-ID: <" .. rspamd_util.random_hex(32) .. "@${hostname}>",
    "From: Mail system <postmaster@${hostname}>",
    "To: <" .. to .. ">",
    "Subject: " .. name .. " has reached its limit of recipients",
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    whose .. " written to as many recipients within an hour as a",
    limit.who .. " of ${hostname} may: " .. limit.recipients .. ". A message to ten people counts as ten.",
    "",
    "Further messages are deferred until those of an hour ago no longer count. Others go on.",
    "",
    "If nobody there sends so much, a stranger most likely knows a password: change it.",
    "If it is meant, raise the limit in the settings of the server.",
    "You are told once an hour.",
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
      rspamd_logger.warnx(task, "the postmaster could not be told of the limit of %s: %s", name, problem)
    end
  end)
end

rspamd_config:register_symbol({
  name = "MAILSTEAD_TELL_RATE_LIMIT",
  type = "idempotent",
  -- The limit ends the judgement of a message early, and this is to run nevertheless.
  flags = "ignore_passthrough",
  callback = function(task)
    local found = (task:get_symbol("MAILSTEAD_RATE_LIMITED") or {})[1]
    local names = found and limited(task)
    if not names then
      return
    end
    for _, limit in ipairs(limits) do
      if found.options and found.options[1] == limit.who then
        local key = "mailstead_rate_told_" .. names[limit.who]
        lua_redis.redis_make_request(task, redis_params, key, true, function(_, answer)
          if answer == "OK" then
            tell_postmaster(task, names, limit)
          end
        end, "SET", { key, "1", "NX", "EX", "3600" })
      end
    end
  end,
})
`;
}
