-- Stores items if the revision is still the expected one.
-- KEYS state items changed commits offers news
-- ARGV base-revision new-revision commit-id member (key value)...   a value starts with + or, when removed, -
local state, items, changed, commits, offers, news = unpack(KEYS)
if redis.call('ZSCORE', commits, ARGV[3]) then
  return { 'stored' }   -- the answer to the first try was lost on its way
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local revision = tonumber(redis.call('HGET', state, 'revision') or '-1')
if redis.call('HGET', state, 'run') ~= run
    or now < tonumber(redis.call('HGET', state, 'recover') or '0')
    or revision < 0 then
  return { 'comparing' }
end
for _, offered in ipairs(redis.call('HVALS', offers)) do
  if tonumber(offered) > revision then return { 'comparing' } end
end
if revision ~= tonumber(ARGV[1]) then
  return { 'stale', tostring(revision) }
end
for i = 5, #ARGV, 2 do
  redis.call('HSET', items, ARGV[i], ARGV[i + 1])
  redis.call('ZADD', changed, ARGV[2], ARGV[i])
end
redis.call('HSET', state, 'revision', ARGV[2])
redis.call('ZADD', commits, ARGV[2], ARGV[3])
local floor = tonumber(ARGV[2]) - 10000
if floor > 0 and tonumber(ARGV[2]) % 1000 == 0 then
  redis.call('ZREMRANGEBYSCORE', commits, '-inf', floor)
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', changed, '-inf', floor)) do
    if string.sub(redis.call('HGET', items, key) or '-', 1, 1) == '-' then
      redis.call('HDEL', items, key)
      redis.call('ZREM', changed, key)
    end
  end
  redis.call('HSET', state, 'floor', floor)
end
redis.call('PUBLISH', news, 'commit ' .. ARGV[4])
return { 'stored' }
