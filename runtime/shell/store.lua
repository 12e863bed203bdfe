-- What all processes of a pool share. KEYS[1] is what its keys begin with; ARGV are an operation and its arguments as
-- JSON. Each question is answered whole or not at all, by the store's own clock. Times are milliseconds. PARTS and CROWD
-- stand before this text: the parts of a window, and how many requests in flight are no crowd yet.
--
--   leases:NAME         sorted set  lease -> when it ends, unless its process renews it
--   rests               hash        account -> when it ends and what for
--   used:KIND:NAME      hash        when a part of a window leaves it -> how much was used in it
--   budget:PERIOD:NAME  string      tokens of a client in a day or a month
--   affinity, affine    hash, sorted set  conversation -> account, and when that is forgotten
--   queue, wants        sorted set, hash  ticket -> its number, and the accounts it waits for (* for all)
--   processes           sorted set  process -> until when it is believed to live
--   born                string      differs when the store has forgotten everything
--   freed               channel     something was given back: who waits shall ask again

local P, a = KEYS[1], cjson.decode(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Windows: {name, span, limit, amount}

local function leaves(window, at)
  local part = window.span / PARTS
  return (math.floor(at / part) + 1) * part + window.span
end

-- milliseconds until the amount fits
local function wait(window)
  local key, sum, parts = P .. 'used:' .. window.name, 0, {}
  local entries = redis.call('HGETALL', key)
  for i = 1, #entries, 2 do
    local at, amount = tonumber(entries[i]), tonumber(entries[i + 1])
    if at <= now then
      redis.call('HDEL', key, entries[i])
    else
      sum = sum + amount
      parts[#parts + 1] = {at, amount}
    end
  end
  local excess = sum + math.min(window.amount, window.limit) - window.limit
  if excess <= 0 then return 0 end
  table.sort(parts, function(one, other) return one[1] < other[1] end)
  for _, part in ipairs(parts) do
    excess = excess - part[2]
    if excess <= 0 then return part[1] - now end
  end
  return 0
end

local function longest_wait(windows)
  local longest = 0
  for _, window in ipairs(windows) do longest = math.max(longest, wait(window)) end
  return longest
end

local function add(window, amount, part)
  local key = P .. 'used:' .. window.name
  redis.call('HINCRBY', key, string.format('%d', part), amount)
  redis.call('PEXPIRE', key, window.span * 2)
end

local function take(windows)
  for _, window in ipairs(windows) do add(window, window.amount, leaves(window, now)) end
end

-- more was used than was taken: it counts from now; less: it is given back to the moment it was taken
local function correct(windows, delta, taken)
  for _, window in ipairs(windows) do
    if delta > 0 then
      add(window, delta, leaves(window, now))
    elseif delta < 0 then
      local key, part = P .. 'used:' .. window.name, string.format('%d', leaves(window, taken))
      local used = tonumber(redis.call('HGET', key, part) or '0')
      if used > 0 then redis.call('HINCRBY', key, part, -math.min(used, -delta)) end
    end
  end
end

-- Leases and rests

local function in_flight(name)
  redis.call('ZREMRANGEBYSCORE', P .. 'leases:' .. name, '-inf', now)
  return redis.call('ZCARD', P .. 'leases:' .. name)
end

local function hold(name, lease)
  redis.call('ZADD', P .. 'leases:' .. name, now + a.lease_ms, lease)
end

local function rest(account, why, ms)
  local known = redis.call('HGET', P .. 'rests', account)
  if not known or tonumber(string.match(known, '^%d+')) < now + ms then
    redis.call('HSET', P .. 'rests', account, string.format('%d %s', now + ms, why))
  end
end

-- what an account still rests for, and for how long
local function resting(account)
  local known = redis.call('HGET', P .. 'rests', account)
  if not known then return nil, 0 end
  local ends, why = string.match(known, '^(%d+) (.*)$')
  if tonumber(ends) > now then return why, tonumber(ends) - now end
  redis.call('HDEL', P .. 'rests', account)
  return nil, 0
end

-- The queue

local function freed()
  if redis.call('ZCARD', P .. 'queue') > 0 then redis.call('PUBLISH', P .. 'freed', '') end
end

local function leave(ticket)
  redis.call('ZREM', P .. 'queue', ticket)
  redis.call('HDEL', P .. 'wants', ticket)
end

local function lives(ticket)
  local ends = redis.call('ZSCORE', P .. 'processes', string.match(ticket, '^[^/]+'))
  return ends and tonumber(ends) > now
end

-- the candidates that somebody waits for who came before this number; all who wait did, if there is none
local function reserved(number)
  local taken, free = {}, #a.candidates
  for _, ticket in ipairs(redis.call('ZRANGEBYSCORE', P .. 'queue', '-inf', number and '(' .. number or '+inf')) do
    if free <= 0 then break end
    if lives(ticket) then
      local wants = redis.call('HGET', P .. 'wants', ticket)
      for _, one in ipairs(a.candidates) do
        if not taken[one.name] and (wants == '*' or string.find(wants, '\n' .. one.name .. '\n', 1, true)) then
          taken[one.name] = true
          free = free - 1
        end
      end
    else
      leave(ticket)
    end
  end
  return taken
end

-- Affinity

local function account_of(key)
  local ends = redis.call('ZSCORE', P .. 'affine', key)
  return ends and tonumber(ends) > now and redis.call('HGET', P .. 'affinity', key) or nil
end

local function remember(key, account)
  redis.call('HSET', P .. 'affinity', key, account)
  redis.call('ZADD', P .. 'affine', now + a.ttl_ms, key)
  if redis.call('ZCARD', P .. 'affine') > a.entries then
    redis.call('HDEL', P .. 'affinity', redis.call('ZPOPMIN', P .. 'affine')[1])
  end
end

-- whether an account has more than twice its part of the requests: then company counts more than a cache
local function crowded(account)
  local own, all = in_flight(account), 0
  if own <= CROWD then return false end
  for _, one in ipairs(a.candidates) do all = all + in_flight(one.name) end
  return own * #a.candidates > 2 * all + CROWD * #a.candidates
end

local function without(list, place)
  local rest_of = {}
  for at, one in ipairs(list) do
    if at ~= place then rest_of[#rest_of + 1] = one end
  end
  return rest_of
end

local operations = {}

local function offer()
  local number = redis.call('ZSCORE', P .. 'queue', a.ticket)
  local order, known = a.candidates, a.key and account_of(a.key)
  if known then
    local place
    for at, one in ipairs(order) do
      if one.name == known then place = at end
    end
    if place and not crowded(known) then
      local first = order[place]
      order = without(order, place)
      table.insert(order, 1, first)
    elseif not place and a.partial then
      return {known = known}
    end
  end

  local answer, stays = {busy = false, limited = false, rests = {}}, false
  local function not_before(ms)
    if not answer.back or ms < answer.back then answer.back = ms end
  end
  for _, name in ipairs(a.elsewhere or {}) do stays = stays or name == known end

  local whole = longest_wait(a.windows)
  if whole > 0 then
    answer.back, answer.limited = whole, true
  else
    local taken = #order > 0 and reserved(number) or {}
    for _, one in ipairs(order) do
      local why, left = resting(one.name)
      if taken[one.name] then
        answer.busy = true
      elseif why then
        table.insert(answer.rests, {one.name, why, left})
        not_before(left)
      elseif one.most > 0 and in_flight(one.name) >= one.most then
        answer.busy = true
        stays = stays or one.name == known
      else
        local ready = longest_wait(one.windows)
        if ready > 0 then
          answer.limited = true
          not_before(ready)
        else
          hold(one.name, a.ticket)
          take(one.windows)
          take(a.windows)
          if a.key then remember(a.key, stays and known or one.name) end
          if number then
            leave(a.ticket)
            freed()
          end
          return {granted = one.name, at = now}
        end
      end
    end
  end
  if a.waits and not number then
    redis.call('ZADD', P .. 'queue', redis.call('INCR', P .. 'came'), a.ticket)
    redis.call('HSET', P .. 'wants', a.ticket, a.wants)
  end
  if #answer.rests == 0 then answer.rests = nil end  -- an empty table would be written as {}
  return answer
end

-- A request of a client: counted, or denied by the limit of that name.
local function admit()
  if a.most > 0 and in_flight(a.client) >= a.most then return {denied = 'max_concurrency'} end
  for _, budget in ipairs(a.budgets) do
    local used = tonumber(redis.call('GET', P .. 'budget:' .. budget.period .. ':' .. a.client) or '0')
    if budget.limit > 0 and used + a.tokens > budget.limit then return {denied = budget.name, used = used} end
  end
  for _, window in ipairs(a.windows) do
    local ms = wait(window)
    if ms > 0 then return {denied = string.match(window.name, '^%a+'), wait = ms} end
  end
  take(a.windows)
  hold(a.client, a.lease)
  for _, budget in ipairs(a.budgets) do
    local key = P .. 'budget:' .. budget.period .. ':' .. a.client
    redis.call('INCRBY', key, a.tokens)
    redis.call('PEXPIRE', key, budget.span)
  end
end

-- The first of the candidates that may serve, or why none may. `key`: of the conversation; `elsewhere`: accounts that
-- are no candidates for the moment only; `partial`: there are more candidates than these; `admit`: first of all, what to
-- ask under `clients`.
function operations.acquire()
  if a.admit then
    local place, asked = P, a
    P, a = asked.clients, asked.admit
    local denial = admit()
    P, a = place, asked
    if denial then return denial end
  end
  local answer = offer()
  answer.admitted = a.admit and now or nil
  return answer
end

function operations.release()
  if redis.call('ZREM', P .. 'leases:' .. a.account, a.lease) == 1 then correct(a.windows, a.delta, a.at) end
  if a.rest then rest(a.account, a.rest[1], a.rest[2]) end
  freed()
end

function operations.leave()
  leave(a.ticket)
  freed()
end

-- A process says that it lives and what it holds; who else does, and since when the store remembers.
function operations.renew()
  redis.call('ZADD', P .. 'processes', now + a.lease_ms, a.process)
  redis.call('ZREMRANGEBYSCORE', P .. 'processes', '-inf', now)
  for _, lease in ipairs(a.leases) do hold(lease[1], lease[2]) end
  for _, lease in ipairs(a.gone) do redis.call('ZREM', P .. 'leases:' .. lease[1], lease[2]) end
  for _, one in ipairs(a.rests) do rest(one[1], one[2], one[3]) end
  redis.call('SET', P .. 'born', a.process .. now, 'NX')
  return {processes = redis.call('ZRANGE', P .. 'processes', 0, -1), born = redis.call('GET', P .. 'born')}
end

-- What a process has used that the store does not know: {window, milliseconds until it leaves, amount}
function operations.recall()
  for _, one in ipairs(a.used) do
    local window = one[1]
    local part = window.span / PARTS
    add(window, one[3], math.ceil((now + one[2]) / part) * part)
  end
end

function operations.farewell()
  redis.call('ZREM', P .. 'processes', a.process)
  freed()
end

-- It is over; `delta` are its tokens beyond those that were counted.
function operations.finish()
  if redis.call('ZREM', P .. 'leases:' .. a.client, a.lease) == 0 then return end
  correct(a.windows, a.delta, a.at > 0 and a.at or now)
  for _, period in ipairs(a.periods) do
    local key = P .. 'budget:' .. period .. ':' .. a.client
    if redis.call('EXISTS', key) == 1 then redis.call('INCRBY', key, a.delta) end
  end
end

-- What clients have used by what was written down: {period, span, client, tokens}
function operations.spent()
  for _, one in ipairs(a.spent) do
    local key = P .. 'budget:' .. one[1] .. ':' .. one[3]
    if tonumber(redis.call('GET', key) or '-1') < one[4] then
      redis.call('SET', key, string.format('%d', one[4]), 'PX', one[2])
    end
  end
end

return cjson.encode(operations[ARGV[1]]() or {})
