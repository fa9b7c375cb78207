import type { HostSettings } from "../host-settings.ts";
import { stackPaths } from "../stack-paths.ts";

/**
 * Keeps what was decided about each message as a line of a file of the hour, for the agent to count: whose mail it is,
 * what was done with it and why. Of people a line holds the account that signed in and domains, never another address or
 * a subject, and the agent sends neither the account nor the queue id on. Nothing that restarts can lose a line; a message
 * that another server of the domain has judged already is left out, so that it counts once.
 */
export function verdictsLua({ shares }: HostSettings): string {
  return `
do
  local rspamd_logger = require "rspamd_logger"
  local ucl = require "ucl"
  local partners = {
${shares.partners.map((address) => `    ["${address}"] = true,\n`).join("")}  }

  -- The domain of this server that a name is or lies below.
  local function hosted_name(domain)
    local name = domain
    while name do
      if hosted_domains and hosted_domains:get_key(name) then
        return name
      end
      name = name:match("^[^.]+%.(.+)$")
    end
  end

  local function is_same_organisation(one, other)
    return one ~= nil and other ~= nil and rspamd_util.get_tld(one) == rspamd_util.get_tld(other)
  end

  local function recipient_domains(task)
    local domains, seen = {}, {}
    for _, recipient in ipairs(task:get_recipients("smtp") or {}) do
      local domain = recipient.domain and #recipient.domain > 0 and recipient.domain:lower()
      if domain and not seen[domain] and #domains < 100 then
        seen[domain] = true
        domains[#domains + 1] = { domain = domain, isOurs = hosted_domains and hosted_domains:get_key(domain) and true or false }
      end
    end
    return domains
  end

  local function is_proof(name)
    return name:match("^R_SPF_") or name:match("^R_DKIM_") or name:match("^DMARC_") or name:match("^ARC_")
      or name:match("^MAILSTEAD_") or name == "DKIM_SIGNED" or name == "GREYLIST"
  end

  -- Every proof, and of the rest what weighs most.
  local function telling_symbols(task)
    local told, others = {}, {}
    for _, symbol in ipairs(task:get_symbols_all() or {}) do
      if is_proof(symbol.name) then
        told[symbol.name] = symbol.score
      elseif math.abs(symbol.score) >= 0.5 then
        others[#others + 1] = symbol
      end
    end
    table.sort(others, function(a, b)
      return math.abs(a.score) > math.abs(b.score)
    end)
    for at = 1, math.min(#others, 10) do
      told[others[at].name] = others[at].score
    end
    return told
  end

  local function is_aligned(task, from)
    if is_same_organisation(from, domain_of(task:get_from("smtp"))) then
      return true
    end
    for _, symbol in ipairs(task:get_symbol("DKIM_SIGNED") or {}) do
      for _, option in ipairs(symbol.options or {}) do
        if is_same_organisation(from, option:match("^([^:%s]+)")) then
          return true
        end
      end
    end
    return false
  end

  local function only_value(task, name)
    local headers = task:get_header_full(name)
    return headers and #headers == 1 and (headers[1].decoded or headers[1].value):lower() or nil
  end

  -- RFC 8058 section 4: a signature must hold over both headers. Rspamd's own always does where they are there.
  local function is_unsubscribe_signed(task)
    if task:has_symbol("DKIM_SIGNED") then
      return true
    end
    for _, header in ipairs(task:get_header_full("DKIM-Signature") or {}) do
      local names = (";" .. header.value:lower():gsub("%s", "")):match(";h=([^;]+)")
      names = names and ":" .. names .. ":"
      if names and names:find(":list-unsubscribe:", 1, true) and names:find(":list-unsubscribe-post:", 1, true) then
        return true
      end
    end
    return false
  end

  local function has_one_click(task)
    local where, how = only_value(task, "List-Unsubscribe"), only_value(task, "List-Unsubscribe-Post")
    return where ~= nil and how ~= nil and where:find("<%s*https://[^>]+>") ~= nil
      and how:gsub("%s", "") == "list-unsubscribe=one-click" and is_unsubscribe_signed(task)
  end

  local function is_bulk(task)
    local precedence = only_value(task, "Precedence")
    return task:has_header("List-Unsubscribe") or task:has_header("List-Id")
      or (precedence ~= nil and (precedence:find("bulk", 1, true) or precedence:find("list", 1, true)) ~= nil)
  end

  rspamd_config:register_symbol({
    name = "MAILSTEAD_KEEP_VERDICT",
    type = "idempotent",
    -- What ends the judgement of a message early, or leaves nothing to judge, is a verdict too.
    flags = "ignore_passthrough,empty",
    callback = function(task)
      local ip = task:get_from_ip()
      -- What has no queue id is no mail, but somebody's try.
      local queue_id = task:get_queue_id()
      if not queue_id or (ip ~= nil and ip:is_valid() and partners[ip:to_string()]) then
        return
      end
      local envelope = domain_of(task:get_from("smtp"))
      local from = domain_of(task:get_from("mime")) or envelope
      local verdict = {
        at = math.floor(rspamd_util.get_time()),
        queueId = queue_id,
        account = task:get_user(),
        sender = task:get_user() and "authenticated" or is_ours(task) and "local" or "outside",
        ours = hosted_name(from) or hosted_name(envelope),
        from = from,
        client = task:get_hostname(),
        to = recipient_domains(task),
        action = task:get_metric_action("default"),
        score = task:get_metric_score("default")[1],
        symbols = telling_symbols(task),
        isAligned = is_aligned(task, from),
        isBulk = is_bulk(task),
        hasOneClick = has_one_click(task),
      }
      local path = "${stackPaths.verdicts}/" .. os.date("!%Y%m%dT%H", verdict.at) .. ".jsonl"
      local file, problem = io.open(path, "a")
      if not file then
        rspamd_logger.warnx(task, "the verdict of this message could not be kept: %s", problem)
        return
      end
      -- In one write, so that the lines of two processes never mix.
      file:setvbuf("full", 65536)
      file:write(ucl.to_format(verdict, "json-compact"), "\\n")
      file:close()
    end,
  })
end
`;
}
