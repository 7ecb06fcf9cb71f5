# The image of Jalki: no tools for building or testing in it, no root, nothing it may write to.
#
# The same bytes of the same commit, as far as the builder lets: the base is named by its digest, every library by its
# hash, and what is made here depends on SOURCE_DATE_EPOCH alone. See docs/reference/limits.md for what was shown of it.

# A newer base is a change of this line: `docker buildx imagetools inspect python:3.12-slim-bookworm` names its digest.
ARG PYTHON=python:3.12-slim-bookworm@sha256:782412e85d0f0984994c290652577d4018aff08145c85b262bb63dc0c7522254

FROM ${PYTHON} AS build
ARG SOURCE_DATE_EPOCH=315532800
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
WORKDIR /build
# First what seldom changes: everything that is locked, each file checked against its hash.
COPY requirements.lock requirements-build.lock ./
# One of them is published as source alone: letters, without code.
RUN pip install --quiet --require-hashes --no-deps --only-binary :all: -r requirements-build.lock \
    && pip wheel --quiet --require-hashes --no-deps --only-binary :all: --no-binary font-roboto --no-build-isolation \
       --wheel-dir /wheels -r requirements.lock \
    && pip install --quiet --no-index --find-links /wheels hatchling
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY lineage lineage
COPY connectors connectors
COPY streams streams
COPY console console
# From those files alone, so what it needs has the locked versions; what only tests need stays behind. What is compiled
# names the hash of its source and not its time.
RUN pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/jalki \
    && pip --python /opt/jalki/bin/python install --quiet --no-compile --no-index --find-links /wheels jalki \
    && /opt/jalki/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/jalki/lib

FROM ${PYTHON}
ARG SOURCE_DATE_EPOCH=315532800
# The day on which an account was made is kept with it: that of the commit. A new volume at its folder belongs to whom the
# folder belongs to.
RUN groupadd --system --gid 10001 jalki \
    && SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} useradd --system --uid 10001 --gid 10001 --no-create-home \
       --no-log-init --home-dir /nonexistent --shell /usr/sbin/nologin jalki \
    && install -d -m 700 -o 10001 -g 10001 /var/lib/jalki
COPY --from=build /opt/jalki /opt/jalki
ENV PATH=/opt/jalki/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 9464
# For `jalki worker`, with JALKI_LISTEN=0.0.0.0:9464. It says unhealthy too while Kafka or a store is away.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9464/health', timeout=4)"]
ENTRYPOINT ["jalki"]
