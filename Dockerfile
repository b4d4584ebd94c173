# The production image. The first stage installs everything and builds the pages, the second what runs, the last
# holds nothing else.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY web ./web
RUN npm ci

FROM node:24-slim AS runtime
WORKDIR /app
COPY package.json package-lock.json ./
# The pages are built already, and the image brings Node.
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 GONGKAI_DATA=/data
WORKDIR /app
COPY --from=runtime /app/node_modules ./node_modules
COPY --from=build /app/web/chat/dist ./web/chat/dist
COPY package.json LICENSE ./
COPY bots ./bots
COPY knowledge ./knowledge
COPY src ./src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "src/main.ts"]
