import time
def test_t(stage):
    stage.publish(stage.shop.records[:3000])
    for n in range(4):
        t = time.monotonic()
        with stage.worker(JALKI_MEMBER="one", JALKI_LOG_LEVEL="INFO") as w:
            w.until(lambda: w.health() is not None, "x"); a = time.monotonic() - t
            w.until_works(); b = time.monotonic() - t
            w.until(lambda: w.measured("jalki_assigned_partitions") > 0, "x"); c = time.monotonic() - t
            if n==0: w.until(lambda: w.settled() > 0, "x")
            if n>0:
                stage.publish(stage.shop.records[n*1000+3000:n*1000+4000]); p = time.monotonic() - t; w.until(lambda: w.settled() > 0, "x"); print("pub", p)
            d = time.monotonic() - t
            print("TIMES", a, b, c, d)
            w.kill()
        print(w.log.read_text()[:6000])
    assert 0
