# The command alone, run by a user without rights. The build context holds the binary of each platform:
#
#	CGO_ENABLED=0 go build -trimpath -o image/linux/amd64/retell ./cmd/retell
#	docker build -f Dockerfile -t retell image
#	docker run --rm -i -v "$PWD:/work" retell translate -m model.retell < input.txt
FROM scratch
ARG TARGETPLATFORM=linux/amd64
COPY $TARGETPLATFORM/retell /retell
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/retell"]
