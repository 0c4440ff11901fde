# Built for production: a gateway in front of Qdrant. It runs as a user without rights, listens on all addresses
# and therefore refuses to start without API_KEYS_FILE and without QDRANT_URL (or an explicit BACKEND=embedded).

FROM node:22-slim AS build
WORKDIR /app
# The manifests alone first: the layer of the packages is built again only when they change.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=50051 \
    METRICS_HOST=0.0.0.0 \
    METRICS_PORT=9464 \
    DATA_DIR=/data \
    LOG_FORMAT=json
WORKDIR /app
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 50051 9464
# Longer than SHUTDOWN_GRACE_MS must be what stops the container: docker stop --time 20.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "dist/main.js", "health", "--timeout-ms", "3000"]
# node and not npm: npm does not pass SIGTERM on.
CMD ["node", "dist/main.js", "serve"]
