"""Phase 3 in parts: the pages of links divided over workers, which have no keys and return plain values.

`forms` has the messages, `worker` the work on one part, `coordinator` the side of the run. `crew` is the interface
between them: any `concurrent.futures.Executor`.
"""
