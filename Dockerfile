FROM node:24-bookworm-slim AS build
WORKDIR /opt/taster
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --include=dev --include=optional
COPY tsconfig.base.json tsconfig.build.json ./
COPY .ci/bundle.mjs ./.ci/
COPY src ./src
COPY workers ./workers
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json && node .ci/bundle.mjs

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="taster" \
      org.opencontainers.image.description="Keeps poisoned data out of model training" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /opt/taster
COPY package.json package-lock.json .npmrc LICENSE ./
RUN npm ci --ignore-scripts --omit=dev --omit=optional && npm cache clean --force
COPY schemas ./schemas
COPY --from=build /opt/taster/dist ./dist
USER node
WORKDIR /etc/taster
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/opt/taster/dist/src/cli/main.js"]
CMD ["--help"]
