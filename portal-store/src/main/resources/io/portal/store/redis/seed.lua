-- Puts a staged state in the place of an older one, and starts a new epoch.
-- KEYS state items changed offers news staged-items staged-changed
-- ARGV revision member epoch
local state, items, changed, offers, news, stagedItems, stagedChanged = unpack(KEYS)
if tonumber(redis.call('HGET', state, 'revision') or '0') >= tonumber(ARGV[1]) then
  redis.call('DEL', stagedItems, stagedChanged)
  return { 'newer' }
end
redis.call('DEL', items, changed, offers)
if redis.call('EXISTS', stagedItems) == 1 then
  redis.call('RENAME', stagedItems, items)
  redis.call('PERSIST', items)
  redis.call('RENAME', stagedChanged, changed)
  redis.call('PERSIST', changed)
end
redis.call('HSET', state, 'revision', ARGV[1], 'floor', ARGV[1], 'epoch', ARGV[3])
redis.call('PUBLISH', news, 'commit ' .. ARGV[2])
return { 'seeded' }
