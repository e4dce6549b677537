-- Asks one path after the other, as the file named by the environment lists them: path, a tab, headers by "; ".
local requests, next_one = {}, 0
function init()
  for line in io.lines(os.getenv("BENCH_QUESTIONS")) do
    local path, rest = line:match("^([^\t]*)\t?(.*)$")
    local headers = {}
    for name, value in rest:gmatch("([%w-]+): ([^;]+)") do headers[name] = value end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end
function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end
