# One office of Branchline. Which one, its environment says: see docker-compose.yml.
FROM node:24-slim AS program
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=optional --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs

FROM node:24-slim AS libraries
WORKDIR /build
COPY package.json package-lock.json ./
# The optional packages are Node itself, for machines with an older one.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
RUN mkdir /data && chown node:node /data
WORKDIR /app
COPY --from=libraries /build/node_modules ./node_modules
COPY --from=program /build/dist ./
COPY deploy/*.mjs ./deploy/
USER node
EXPOSE 3000
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=8", "--initial-old-space-size=64", "/app/cli/branchline.js"]
CMD ["start"]
