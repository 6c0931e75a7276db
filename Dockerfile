# The command alone, as a user without rights. The build context is a folder that holds the binary:
#
#   CGO_ENABLED=0 go build -trimpath -o image/retell ./cmd/retell && docker build -f Dockerfile -t retell image
#   docker run --rm -i -v "$PWD:/work" retell translate -m model.retell < input.txt
FROM scratch
COPY retell /retell
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/retell"]
