# The image of Jalki: no tools for building or testing in it, no root, nothing it may write to.

FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
# First what seldom changes: everything that is locked, each file checked against its hash.
COPY requirements.lock ./
RUN pip wheel --quiet --require-hashes --no-deps --only-binary :all: --wheel-dir /wheels -r requirements.lock \
    && pip install --quiet --no-index --find-links /wheels hatchling
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY lineage lineage
COPY connectors connectors
COPY streams streams
COPY console console
# From those files alone, so what it needs has the locked versions; what only tests need stays behind.
RUN pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/jalki \
    && pip --python /opt/jalki/bin/python install --quiet --no-index --find-links /wheels jalki \
    && /opt/jalki/bin/python -m compileall -q /opt/jalki/lib

FROM python:3.12-slim-bookworm
RUN groupadd --system --gid 10001 jalki \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin jalki
# A new volume there belongs to whom the folder belongs to.
RUN install -d -m 700 -o 10001 -g 10001 /var/lib/jalki
COPY --from=build /opt/jalki /opt/jalki
ENV PATH=/opt/jalki/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 9464
# For `jalki worker`, with JALKI_LISTEN=0.0.0.0:9464. It says unhealthy too while Kafka or a store is away.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9464/health', timeout=4)"]
ENTRYPOINT ["jalki"]
