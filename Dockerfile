# enrich in a container: docs/install.md. The version is an argument, as the build sees no tags.
FROM python:3.13-slim AS build
ARG VERSION=0.0.0
WORKDIR /source
COPY . .
RUN SETUPTOOLS_SCM_PRETEND_VERSION="$VERSION" pip wheel --quiet --no-cache-dir --wheel-dir /wheels .

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --quiet --no-cache-dir --no-index --find-links /wheels enrich-catalog \
    # With `docker run --user "$(id -u)"` any user may be the one who keeps a cache here.
    && useradd --uid 1000 --create-home enrich && chmod 1777 /home/enrich
ENV HOME=/home/enrich PYTHONUTF8=1
USER enrich
WORKDIR /data
ENTRYPOINT ["enrich"]
CMD ["--help"]
