-- Who lives, what each has applied, and who has which vip.
-- KEYS members acks leases
-- answers count (member ack)... (vip owner)...
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local live = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
local answer = { tostring(#live) }
for _, member in ipairs(live) do
  answer[#answer + 1] = member
  answer[#answer + 1] = redis.call('HGET', KEYS[2], member) or ''
end
local leased = redis.call('HGETALL', KEYS[3])
for i = 1, #leased, 2 do
  local expiry, leaving, owner = string.match(leased[i + 1], '^(%d+) (%d) (.*)$')
  if tonumber(expiry) > now then
    answer[#answer + 1] = leased[i]
    answer[#answer + 1] = owner
  end
end
return answer
