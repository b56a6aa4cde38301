"""
llama.cpp's own HTTP server, out of the wheel xllamacpp (pip install xllamacpp==2026.10.11549), to complete with:

    python test/bench/completions/llama_server.py MODEL.gguf 8123 &
    hindsight complete --model http://localhost:8123 --cases cases.jsonl --out answers.jsonl
"""
import sys
import time

import xllamacpp

options = xllamacpp.CommonParams()
options.model.path = sys.argv[1]
options.port = int(sys.argv[2])
options.hostnames = ["127.0.0.1"]
options.n_ctx = 4096
options.n_parallel = 2
options.cpuparams.n_threads = 2
server = xllamacpp.Server(options)
print(server.listening_address, flush=True)
while True:
    time.sleep(3600)
