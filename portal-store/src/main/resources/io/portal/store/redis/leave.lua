-- A member goes, and its vips are free at once.
-- KEYS members offers acks leases beats news
-- ARGV member
for i = 1, 5 do
  if i == 1 or i == 5 then redis.call('ZREM', KEYS[i], ARGV[1]) end
  if i == 2 or i == 3 then redis.call('HDEL', KEYS[i], ARGV[1]) end
end
local leased = redis.call('HGETALL', KEYS[4])
for i = 1, #leased, 2 do
  if string.match(leased[i + 1], '^%d+ %d (.*)$') == ARGV[1] then
    redis.call('HDEL', KEYS[4], leased[i])
  end
end
redis.call('PUBLISH', KEYS[6], 'left ' .. ARGV[1])
return { 'left' }
