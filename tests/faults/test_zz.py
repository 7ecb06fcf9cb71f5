from collections import Counter
from kafka import KafkaConsumer, TopicPartition
from streams.kafka.lag import lag
from streams.records import GROUP
from tests.faults.test_slow_broker import pass_by
import pytest
@pytest.mark.parametrize("n", range(5))
def test_t(stage, n):
    with stage.worker() as worker, stage.flowing(5) as flow:
        worker.until(lambda: worker.settled() > 100, "a worker at work")
        stage.kafka.pause()
        print("published at pause", flow.published)
        pass_by(12)
        print("published after pause", flow.published)
        worker.until_waits("Kafka")
        stage.kafka.resume()
        flow.finish()
        print("published", flow.published)
        try: stage.until_recorded(worker, 25)
        except Exception as e: print("STUCK", str(e)[:100], worker.health())
        worker.until_works()
        print({o: worker.events(o) for o in ("recorded","repeated","dead")})
        worker.stop()
    l = lag(stage.kafka.access, stage.topics, GROUP)
    print("on topics", sum(p.end for p in l.partitions), "committed", sum(p.committed or 0 for p in l.partitions), "graph", stage.events())
    c = KafkaConsumer(bootstrap_servers=stage.kafka.servers, enable_auto_commit=False)
    tps=[TopicPartition(p.topic,p.partition) for p in l.partitions]; c.assign(tps); c.seek_to_beginning(*tps)
    vals=Counter(); per=Counter()
    n=0
    while n < sum(p.end for p in l.partitions):
        for tp, rs in c.poll(timeout_ms=1000).items():
            n+=len(rs)
            for r in rs: vals[r.value]+=1
    want={o.value for _,o in stage.shop.records}
    print("distinct on topics", len(vals), "of", len(want), "missing from topics", len(want-set(vals)))
    print([p for p in l.partitions if p.waiting])
    assert 0
