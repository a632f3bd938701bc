# The server with its dependencies, as an unprivileged user. Data lives in the volume /data.
#   docker build -t scouter . && docker run -p 8000:8000 -p 4318:4318 -p 4317:4317 -v scouter:/data \
#     -e SCOUTER_DEFAULT_USERNAME=… -e SCOUTER_DEFAULT_PASSWORD=… scouter
FROM denoland/deno:2.9.6
WORKDIR /app
COPY deno.json deno.lock mod.ts ./
COPY sdk ./sdk
COPY server ./server
COPY migrations ./migrations
COPY proto ./proto
RUN deno install --frozen --entrypoint server/main.ts \
  && mkdir -p /data && chown -R deno:deno /data /app
USER deno
ENV SCOUTER_DATA_DIR=/data SCOUTER_HOST=0.0.0.0
VOLUME /data
EXPOSE 8000 4317 4318 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["deno", "eval", "--quiet", "const r = await fetch('http://127.0.0.1:8000/health/live'); Deno.exit(r.ok ? 0 : 1)"]
CMD ["run", "-A", "--frozen", "server/main.ts", "serve"]
