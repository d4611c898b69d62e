-- What changed since a revision of that epoch, or everything where that cannot be said.
-- KEYS state items changed
-- ARGV known-revision known-epoch
-- answers revision epoch part|all (key value)...
local state, items, changed = unpack(KEYS)
local epoch = redis.call('HGET', state, 'epoch') or ''
local revision = tonumber(redis.call('HGET', state, 'revision') or '0')
local known = tonumber(ARGV[1])
local answer = { tostring(revision), epoch, 'all' }
if epoch == ARGV[2] and known <= revision
    and known >= tonumber(redis.call('HGET', state, 'floor') or '0') then
  answer[3] = 'part'
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', changed, '(' .. ARGV[1], '+inf')) do
    answer[#answer + 1] = key
    answer[#answer + 1] = redis.call('HGET', items, key)
  end
  return answer
end
for _, part in ipairs(redis.call('HGETALL', items)) do
  answer[#answer + 1] = part
end
return answer
