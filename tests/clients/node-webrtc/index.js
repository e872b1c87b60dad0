import wrtc from '@roamhq/wrtc'

export const {
  RTCPeerConnection,
  RTCSessionDescription,
  RTCIceCandidate,
  RTCIceTransport,
  RTCDataChannel,
  RTCSctpTransport,
  RTCDtlsTransport,
  MediaStream,
  MediaStreamTrack
} = wrtc
export const RTCCertificate = undefined
export default wrtc
