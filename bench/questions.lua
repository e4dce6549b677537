-- Requests the paths of the file $BENCH_QUESTIONS in turn; a line is a path, a tab, and headers separated by "; ".
local requests, index = {}, 0
function init()
  for line in io.lines(os.getenv("BENCH_QUESTIONS")) do
    local path, rest = line:match("^([^\t]*)\t?(.*)$")
    local headers = {}
    for name, value in rest:gmatch("([%w-]+): ([^;]+)") do headers[name] = value end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end
function request()
  index = index % #requests + 1
  return requests[index]
end
