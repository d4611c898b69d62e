-- A member lives, says what it knows, and learns where the cluster stands and which vips are its own.
-- KEYS state members offers acks leases beats
-- ARGV member dead-after grace known-revision known-epoch lease willing ack vip...   (times in ms)
local state, members, offers, acks, leases, beats = unpack(KEYS)
local me = ARGV[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

-- A Redis that was started again may have lost something: the members compare before anybody writes.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if redis.call('HGET', state, 'run') ~= run then
  redis.call('HSET', state, 'run', run, 'recover', now + tonumber(ARGV[3]))
  redis.call('DEL', offers)
end
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', members, '-inf', now)) do
  redis.call('ZREM', members, dead)
  redis.call('HDEL', acks, dead)
  redis.call('HDEL', offers, dead)
end
redis.call('ZADD', members, now + tonumber(ARGV[2]), me)
if ARGV[8] ~= '' then
  redis.call('HSETNX', acks, me, ARGV[8])   -- it was taken for dead and is not
end

local epoch = redis.call('HGET', state, 'epoch') or ''
local revision = tonumber(redis.call('HGET', state, 'revision') or '0')
local comparing = now < tonumber(redis.call('HGET', state, 'recover') or '0')
if comparing and (epoch == '' or epoch == ARGV[5]) then
  redis.call('HSET', offers, me, ARGV[4])
end
local best, newest = '', revision
local offered = redis.call('HGETALL', offers)
for i = 1, #offered, 2 do
  local r = tonumber(offered[i + 1])
  if r > newest or (r == newest and best ~= '' and offered[i] < best) then
    best, newest = offered[i], r
  end
end
local phase = comparing and 'comparing' or (best ~= '' and 'seeding' or 'ready')
if phase == 'ready' and epoch == '' then
  epoch = run .. '-' .. now
  redis.call('HSET', state, 'epoch', epoch, 'revision', 0, 'floor', 0)
end

-- Vips. A lease that is given up is kept until it ends, so that the address is gone by then.
if ARGV[7] == '1' then
  redis.call('ZADD', beats, now + tonumber(ARGV[6]), me)
else
  redis.call('ZREM', beats, me)
end
redis.call('ZREMRANGEBYSCORE', beats, '-inf', now)
local count, alive = {}, 0
for _, m in ipairs(redis.call('ZRANGE', beats, 0, -1)) do
  count[m] = 0
  alive = alive + 1
end
local wanted, held = {}, {}
for i = 9, #ARGV do wanted[ARGV[i]] = true end
local leased = redis.call('HGETALL', leases)
for i = 1, #leased, 2 do
  local expiry, leaving, owner = string.match(leased[i + 1], '^(%d+) (%d) (.*)$')
  if tonumber(expiry) <= now then
    redis.call('HDEL', leases, leased[i])
  elseif wanted[leased[i]] then
    held[leased[i]] = { owner = owner, leaving = leaving == '1' }
    if leaving == '0' and count[owner] then count[owner] = count[owner] + 1 end
  end
end
local mine = {}
if count[me] then
  local n = #ARGV - 8
  local low, high = math.floor(n / alive), math.ceil(n / alive)
  local missing, free = 0, 0
  for _, c in pairs(count) do missing = missing + math.max(0, low - c) end
  for i = 9, #ARGV do
    if not held[ARGV[i]] or held[ARGV[i]].leaving then free = free + 1 end
  end
  local function lease(vip, leaving, ends)
    redis.call('HSET', leases, vip, ends .. ' ' .. leaving .. ' ' .. me)
  end
  for i = 9, #ARGV do
    local vip, h = ARGV[i], held[ARGV[i]]
    if h and h.owner == me and not h.leaving then
      if count[me] > high or (count[me] > low and missing > free) then
        count[me] = count[me] - 1
        free = free + 1
        lease(vip, 1, string.match(redis.call('HGET', leases, vip), '^(%d+)'))
      else
        lease(vip, 0, now + tonumber(ARGV[6]))
        mine[#mine + 1] = vip
      end
    end
  end
  for i = 9, #ARGV do
    local vip = ARGV[i]
    if not held[vip] and (count[me] < low or (count[me] < high and missing == 0)) then
      count[me] = count[me] + 1
      lease(vip, 0, now + tonumber(ARGV[6]))
      mine[#mine + 1] = vip
    end
  end
end
local answer = { tostring(revision), epoch, phase, best }
for _, vip in ipairs(mine) do answer[#answer + 1] = vip end
return answer
