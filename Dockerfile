# The whole tool in an image: `docker build --target cpu .`, or `--target cuda` for a machine with an NVIDIA card.
# What it holds is checked by test/deploy/dockerfile.test.ts.

# What runs: the dependencies of package.json as the lock file has them, without those that only build and test.
FROM node:20.20.2-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

# What builds: the command line and the page, into dist/.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json cli.ts ./
COPY scripts/build.mjs scripts/ready.mjs scripts/
COPY cli cli
COPY data data
COPY extractor extractor
COPY trainer trainer
COPY annotator annotator
RUN node scripts/build.mjs

# Both images hold the same: the build, and what it reads of the rooms (lexicons, migrations, starter weights, demo).
FROM scratch AS package
COPY package.json /app/
COPY data /app/data
COPY extractor /app/extractor
COPY trainer /app/trainer
COPY --from=dependencies /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist

# With an NVIDIA card. TensorFlow and its CUDA libraries are no part of it (4 GB): `backend install gpu` puts them into
# /cache once, which wants the compiler and npm. The driver comes from the machine.
FROM nvidia/cuda:12.6.3-base-ubuntu24.04 AS cuda
LABEL org.opencontainers.image.title="lesionloop" \
      org.opencontainers.image.description="Chest-CT labels from the literature, in a loop: worker with an NVIDIA card"
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ \
 && rm -rf /var/lib/apt/lists/*
COPY --from=dependencies /usr/local/bin/node /usr/local/bin/node
COPY --from=dependencies /usr/local/include/node /usr/local/include/node
COPY --from=dependencies /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && install -d -o 1000 -g 1000 /workspace /cache
COPY --from=package /app /app
ENV LESIONLOOP_CACHE=/cache
# From here the default ./workspace is the volume.
WORKDIR /
USER 1000:1000
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["--help"]

# Without: server, and workers that mine and predict. Computes by WebAssembly.
FROM node:20.20.2-bookworm-slim AS cpu
LABEL org.opencontainers.image.title="lesionloop" \
      org.opencontainers.image.description="Chest-CT labels from the literature, in a loop: server and worker"
RUN install -d -o 1000 -g 1000 /workspace /cache
COPY --from=package /app /app
ENV LESIONLOOP_CACHE=/cache
WORKDIR /
USER 1000:1000
EXPOSE 4040
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve", "--workspace", "/workspace", "--host", "0.0.0.0", "--port", "4040"]
